from tests.model.datasets.data_folder import data_folder, library, validation

__all__ = ["data_folder", "library", "validation"]
