"""What writes code of this project."""
