"""How records lie in a file: one file per container; ``detect.py`` says which it is.

Text containers read strictly. A trainer's reader may be lenient in another way than ours, so
wherever two readers could see different rows, the file is refused rather than read one way. What
trainers read with is ``datasets`` by Hugging Face; the tests compare each container with it.
"""
