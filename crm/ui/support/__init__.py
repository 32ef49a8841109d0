"""Service cases and what surrounds them: the parts of the pages of the section Service."""
