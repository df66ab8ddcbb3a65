// The programs of former years: each opens the store, does its work, and closes it.
#pragma once

#include <filesystem>

namespace first {
/// Positions 1 to 5: Ada, who moves and changes her name, and Bea, who moves.
void run(const std::filesystem::path& store);
}  // namespace first

namespace second {
/// Welcomes everybody; Bea moves again, and Cem comes.
void run(const std::filesystem::path& store);
}  // namespace second
