// The pages of the console, gzipped. assets.cpp is made from web/ by web/build.mjs and committed, so that building annals needs no node.
#pragma once

#include <span>
#include <string_view>

namespace annals::ops {

struct asset {
  std::string_view path;     // "/" is the one page, for every screen
  std::string_view type;     // Content-Type
  std::string_view etag;     // quoted, of the content
  std::string_view gzipped;  // Content-Encoding: gzip
  bool hashed = false;       // its path has a hash of the content: it may be cached for ever
};

/// All of them; static memory.
std::span<const asset> assets();

}  // namespace annals::ops
