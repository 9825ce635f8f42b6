# Two commands do everything from a fresh clone: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-device check clean

demo: $(VENV)/installed
	mkdir -p out
	$(BIN)/python run_camera.py -i demo -o out/demo.mp4 -b studio

test: $(VENV)/installed
	$(BIN)/python -m pytest

# A virtual camera of the kernel's, in a small emulated computer; skipped where QEMU cannot be had.
test-device: $(VENV)/installed
	$(PYTHON) tests/device/guest/boot.py $(BIN)/python

# What CI runs beside the tests. The type checker does not see how setup maps the folders into one
# package, so it gets a tree of links in which they are one (editors: add build/typing to the paths).
check: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	rm -rf build/typing
	mkdir -p build/typing/u2cam
	ln -s $(CURDIR)/u2cam/* $(CURDIR)/imaging $(CURDIR)/stream $(CURDIR)/model $(CURDIR)/effects build/typing/u2cam/
	cd build/typing && $(abspath $(BIN))/mypy --config-file $(CURDIR)/pyproject.toml -p u2cam

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "u2cam needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --constraint constraints.txt --editable '.[test]'
	touch $@

clean:
	rm -rf $(VENV) out build *.egg-info .pytest_cache .mypy_cache .ruff_cache
