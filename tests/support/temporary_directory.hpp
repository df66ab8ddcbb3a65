// A directory that is removed at the end of its test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

struct temporary_directory {
  std::filesystem::path path;

  temporary_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "annals-test-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  ~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path operator/(const char* name) const { return path / name; }
};
