"""When leads are forgotten: at the end of their time, not while the law holds them, and never to come back."""
