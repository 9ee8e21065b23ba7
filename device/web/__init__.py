"""The page and the API: who may ask, what is answered, and the thread that serves it."""
