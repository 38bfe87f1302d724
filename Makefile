# make demo      colors the sample photos into outputs/, then opens the page in the browser
# make test      creates the environment, checks style and types, runs every test
# make test-colab  every test on exactly the versions that Colab ships
# make test-ray  the tests of archives on a Ray cluster, started on this machine
# make test-jax  every test but the notebooks', on JAX without TensorFlow
# make browser   builds the page that colors photos in the browser, and serves it at http://127.0.0.1:8765
# make lab       opens the notebooks in JupyterLab
# make colorize PHOTOS=folder  colors a photo or a folder into colored/
# make notebooks runs all notebooks, and stores their figures
# make book      builds the course as a site, build/book/index.html
# make bench     runs all benchmarks
# make clean     deletes the environments

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8765
BIN = $(VENV)/bin
READY = $(VENV)/ready
COLAB = .venv-colab
JAX = .venv-jax
RAY = .venv-ray
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: browser browser-files demo test test-colab test-jax test-ray lab colorize notebooks book bench clean

demo: $(READY)-demo
	@$(BIN)/colorlib colorize --out outputs
	@$(BIN)/colorlib demo --out outputs

test: $(READY)-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

test-colab: $(COLAB)/ready
	$(COLAB)/bin/python requirements/check.py
	COLAB_RELEASE_TAG=release-colab PYTHONPATH=tests/colab $(COLAB)/bin/python -m pytest

test-ray: $(RAY)/ready
	$(RAY)/bin/python -m pytest tests/test_archive.py

test-jax: $(JAX)/ready
	KERAS_BACKEND=jax $(JAX)/bin/python -m pytest --ignore tests/test_notebooks.py

browser: browser-files
	@$(BIN)/python -c 'import socket; socket.create_server(("127.0.0.1", $(PORT))).close()' 2>/dev/null \
		|| { echo "Port $(PORT) is used by another program. Choose another: make browser PORT=8766"; exit 1; }
	@echo "The page is at http://127.0.0.1:$(PORT)/ (Ctrl-C ends it)"
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory browser/dist

# The network is exported again if its weights have changed.
browser-files: $(READY)
	@command -v npm >/dev/null || { echo "The page needs Node 20 or later and npm. On Debian: apt-get install nodejs npm"; exit 1; }
	@$(BIN)/python tools/export_browser.py
	@cd browser && npm ci --silent --ignore-scripts --no-audit --no-fund && npm run --silent build

lab: $(READY)-demo
	$(BIN)/jupyter lab notebooks

colorize: $(READY)
	@test -n "$(PHOTOS)" || { echo "Name a photo or a folder: make colorize PHOTOS=folder"; exit 1; }
	@$(BIN)/colorlib colorize "$(PHOTOS)"

notebooks: $(READY)-test
	$(BIN)/python notebooks/run.py

book: $(READY)-book
	$(BIN)/python -m sphinx -W --keep-going -q -d build/doctrees docs/book build/book
	@echo "Open build/book/index.html"

bench: $(READY)-test
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf $(VENV) $(COLAB) $(JAX) $(RAY)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(not (3, 11) <= v <= (3, 13) and \
	"Python is %d.%d; TensorFlow needs 3.11, 3.12 or 3.13. Choose one: make PYTHON=python3.12" % v)'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python cannot create virtual environments here. On Debian: apt install python3-venv"; exit 1; }

$(READY): pyproject.toml | $(VENV)/bin/python
	@echo "Installing TensorFlow and the other packages into $(VENV): about 2 GB, a few minutes, once."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(READY)-%: pyproject.toml | $(VENV)/bin/python
	@echo "Installing TensorFlow, the other packages and the extra '$*' into $(VENV): about 2 GB, a few minutes, once."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[$*]"
	@touch $@

# As in Colab: first the packages that it ships, then colorlib without extras, as the notebooks' setup cell installs it.
$(COLAB)/ready: pyproject.toml requirements/colab.txt
	@echo "Installing the versions that Colab ships into $(COLAB): about 2 GB, a few minutes, once."
	@$(PYTHON) -m venv $(COLAB)
	@$(COLAB)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/colab.txt
	@$(COLAB)/bin/python -m pip install --quiet --disable-pip-version-check .
	@$(COLAB)/bin/python requirements/check.py
	@$(COLAB)/bin/python -m pip install --quiet --disable-pip-version-check -c requirements/colab.txt \
		hypothesis nbclient papermill psutil pytest
	@touch $@

# Ray on top of $(VENV). `make test` does not install it because it is large: a download of 140 MB, 500 MB on disk.
$(RAY)/ready: $(READY)-test
	@echo "Installing Ray and a test server for object storage into $(RAY): about half a minute, once."
	@$(BIN)/python -m venv $(RAY)
	@$(BIN)/python -c 'import sysconfig; print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"))' > \
		$$($(RAY)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/below.pth
	@$(RAY)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile "ray[data]>=2.50" "moto[s3]>=5" flask flask-cors
	@touch $@

$(JAX)/ready: pyproject.toml
	@echo "Installing JAX and the other packages, without TensorFlow, into $(JAX): a few minutes, once."
	@$(PYTHON) -m venv $(JAX)
	@$(JAX)/bin/python -c 'import tomllib; \
		names = tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"]; \
		print(*(name for name in names if "tensorflow" not in name), sep="\n")' > $(JAX)/needs.txt
	@$(JAX)/bin/python -m pip install --quiet --disable-pip-version-check -r $(JAX)/needs.txt \
		jax anywidget hypothesis ipykernel nbclient papermill psutil pytest
	@$(JAX)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@
