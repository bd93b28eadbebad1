//! The whole of recommending: counts, links, packs, scores.
