"""A booth and its first job written down while somebody of the company tells them on the phone."""
