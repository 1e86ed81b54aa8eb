"""`python -m lightfast_client`: the command line."""

from lightfast_client.cli import main

if __name__ == "__main__":
    main()
