"""A sample studio with a delivery in each state, from pictures the project draws itself."""
