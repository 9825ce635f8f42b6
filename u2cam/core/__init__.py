"""The ground floor: frames, array types, protocols, the compiler. Imports nothing of ours."""
