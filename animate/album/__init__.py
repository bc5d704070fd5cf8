"""Folders of photographs, any number of them: made one after another, resumable, with a page that shows them."""
