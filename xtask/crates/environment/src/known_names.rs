//! Packages that conda-forge and PyPI know by different names.

struct Names {
    conda: &'static str,
    pypi: &'static str,
}

const fn names(conda: &'static str, pypi: &'static str) -> Names {
    Names { conda, pypi }
}

/// The ones that people mix up; short on purpose, because a stale entry is worse than none.
///
/// Source: the recipes of conda-forge's feedstocks, which name the PyPI distribution that they are made from.
const DIFFERENT: [Names; 14] = [
    names("pytorch", "torch"),
    names("pytorch-gpu", "torch"),
    names("opencv", "opencv-python"),
    names("py-opencv", "opencv-python"),
    names("pytables", "tables"),
    names("python-graphviz", "graphviz"),
    names("matplotlib-base", "matplotlib"),
    names("msgpack-python", "msgpack"),
    names("pyg", "torch-geometric"),
    names("python-build", "build"),
    names("dask-core", "dask"),
    names("pyqt", "PyQt5"),
    names("py-xgboost", "xgboost"),
    names("ipython_genutils", "ipython-genutils"),
];

/// What PyPI calls a package that is known by this name on conda-forge only.
pub fn on_pypi(conda: &str) -> Option<&'static str> {
    DIFFERENT.iter().find(|it| it.conda == conda).map(|it| it.pypi)
}

/// What conda-forge calls a package that is known by this name on PyPI only. Of the names that PyPI shares with something
/// else on conda-forge (`graphviz`, `matplotlib`, …) nothing is said: they may be meant.
pub fn on_conda(pypi: &str) -> Option<&'static str> {
    let only_on_pypi = ["torch", "opencv-python", "tables", "torch-geometric"];
    let known = only_on_pypi.contains(&pypi).then(|| DIFFERENT.iter().find(|it| it.pypi == pypi));
    known.flatten().map(|it| it.conda)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_world_is_told_the_name_of_the_other() {
        assert_eq!((on_pypi("pytorch"), on_conda("torch")), (Some("torch"), Some("pytorch")));
        assert_eq!((on_pypi("numpy"), on_conda("numpy"), on_conda("graphviz")), (None, None, None));
    }
}
