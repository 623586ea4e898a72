// Keeps the layer buildable until its first module lands.
