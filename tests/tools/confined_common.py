"""Arguments and tables of confined_applications.py and confined_scripts.py."""
import pathlib, sys

root = pathlib.Path(__file__).resolve().parents[2]
arguments = sys.argv[1:]
def option(name, default):
    if name not in arguments: return default
    at = arguments.index(name)
    value = arguments[at + 1]
    del arguments[at:at + 2]
    return value

def read(path):
    """Returns the rows of a TSV file by their first field; none if there is no such file."""
    lines = path.read_text().splitlines() if path.is_file() else []
    return {line.split("\t")[0]: line.split("\t") for line in lines if line and not line.startswith("#")}
