"""What people read: templates, words, and files to keep."""
