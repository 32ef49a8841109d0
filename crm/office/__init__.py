"""What any record may need: activities, tags, custom fields, saved views, settings, the files that came and went."""
