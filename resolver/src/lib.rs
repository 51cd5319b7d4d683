//! Does what an Inert declaration says: native discovery, compiler probes, files, linking, cargo directives.
