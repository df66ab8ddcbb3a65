// A temporary change of the working directory.
#pragma once

#include <filesystem>

/// While this object lives, the process works in this directory.
class working_in {
public:
  explicit working_in(const std::filesystem::path& directory) : before_(std::filesystem::current_path()) { std::filesystem::current_path(directory); }
  working_in(const working_in&) = delete;
  working_in& operator=(const working_in&) = delete;
  ~working_in() { std::filesystem::current_path(before_); }

private:
  std::filesystem::path before_;
};
