//! The engine for use: semi-naive rounds over datafrog relations.
