//! Inert, tried as its users meet it: cases as folders, real crates, attacks, oracles.
