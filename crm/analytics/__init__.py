"""Pure analytics: frames and dates in, frames out. No database, no screen, no clock."""
