"""What any record may need: notes, tags, custom fields, saved views, settings, the files that came and went."""
