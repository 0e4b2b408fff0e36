//! Names of packages that people mean when they write one that no index has.

use report::nearest;
use specs::python::normalised;

/// Modules by the distribution that they come in, where the two have different names.
///
/// Source: the installation notes of these packages.
const MODULES: [(&str, &str); 22] = [
    ("attr", "attrs"),
    ("bio", "biopython"),
    ("bs4", "beautifulsoup4"),
    ("cv2", "opencv-python"),
    ("dateutil", "python-dateutil"),
    ("docx", "python-docx"),
    ("dotenv", "python-dotenv"),
    ("faiss", "faiss-cpu"),
    ("fitz", "pymupdf"),
    ("git", "gitpython"),
    ("magic", "python-magic"),
    ("mpl", "matplotlib"),
    ("opencv", "opencv-python"),
    ("osgeo", "gdal"),
    ("pil", "pillow"),
    ("pytorch", "torch"),
    ("skimage", "scikit-image"),
    ("sklearn", "scikit-learn"),
    ("tf", "tensorflow"),
    ("umap", "umap-learn"),
    ("yaml", "pyyaml"),
    ("zmq", "pyzmq"),
];

/// Packages that research projects ask for most.
const PACKAGES: [&str; 84] = [
    "accelerate",
    "aiohttp",
    "anndata",
    "arviz",
    "astropy",
    "black",
    "bokeh",
    "boto3",
    "click",
    "dask",
    "datasets",
    "diffusers",
    "duckdb",
    "einops",
    "fastapi",
    "flask",
    "gensim",
    "geopandas",
    "gymnasium",
    "h5py",
    "huggingface-hub",
    "hydra-core",
    "imageio",
    "ipykernel",
    "ipython",
    "jax",
    "joblib",
    "jupyterlab",
    "keras",
    "librosa",
    "lightgbm",
    "lightning",
    "matplotlib",
    "mlflow",
    "mne",
    "mypy",
    "nbformat",
    "networkx",
    "nibabel",
    "nilearn",
    "nltk",
    "numba",
    "numpy",
    "omegaconf",
    "onnxruntime",
    "openai",
    "opencv-python",
    "openpyxl",
    "optuna",
    "pandas",
    "pillow",
    "plotly",
    "polars",
    "pre-commit",
    "protobuf",
    "pyarrow",
    "pydantic",
    "pymc",
    "pytest",
    "pytest-cov",
    "pytorch-lightning",
    "pyyaml",
    "requests",
    "rich",
    "ruff",
    "scanpy",
    "scikit-image",
    "scikit-learn",
    "scipy",
    "seaborn",
    "sentencepiece",
    "simpleitk",
    "spacy",
    "sqlalchemy",
    "statsmodels",
    "sympy",
    "tensorboard",
    "tensorflow",
    "torch",
    "torchaudio",
    "torchvision",
    "tqdm",
    "transformers",
    "xgboost",
];

/// The package that is most likely meant by a name that is in no index.
pub fn meant_by(name: &str) -> Option<&'static str> {
    let name = normalised(name);
    let of_module = MODULES.iter().find(|it| it.0 == name).map(|it| it.1);
    of_module.or_else(|| nearest(&name, PACKAGES)).filter(|it| *it != name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_and_a_slip_lead_to_the_package() {
        for (name, meant) in [
            ("cv2", Some("opencv-python")),
            ("PIL", Some("pillow")),
            ("numppy", Some("numpy")),
            ("Scikit_lern", Some("scikit-learn")),
            ("numpy", None),
            ("nothing-like-any-of-these", None),
        ] {
            assert_eq!(meant_by(name), meant, "{name}");
        }
    }
}
