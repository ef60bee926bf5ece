"""``python -m scanner.cli``: the same as ``datascan``, from this checkout."""

from scanner.cli.main import main

if __name__ == "__main__":
    main()
