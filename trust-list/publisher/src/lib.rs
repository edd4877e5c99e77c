//! The publishing side of a Digital Trust Service: import gate, catalogue, exports, publication.
