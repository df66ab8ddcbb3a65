// Writes a golden store. A store of each format is written once, by the first build that has it, and kept for ever:
//
//   ANNALS_GOLDEN=tests/golden/format-1 golden_tests --run_test=writing_golden_stores
//
// writes format-1.tar.zst, the store, and format-1.jsonl, what that build reads in it. Look at both before you keep them.
#pragma once

#include <annals/receipt.hpp>

#include <filesystem>

namespace golden {

/// Two lives of a program. The first one ends in order, with its snapshots and checkpoints in derived/. The second one is
/// killed right behind an answer, so that the front holds batches that LMDB does not have.
void write_store(const std::filesystem::path& store);

/// Heads of a log that nobody has open: of LMDB alone, and with the front's batches. Reads only.
struct undrained {
  annals::position in_lmdb = 0;
  annals::position in_all = 0;
};
undrained look_at_front(const std::filesystem::path& store);

}  // namespace golden
