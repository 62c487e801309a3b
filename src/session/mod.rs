//! The whole way from files to reports; the one module that knows every stage.
