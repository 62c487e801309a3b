//! Verdicts and proofs as people and machines read them: a file a format.
