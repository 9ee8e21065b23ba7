"""What an owner does with a project file: look, compare, change a value, save, go back."""
