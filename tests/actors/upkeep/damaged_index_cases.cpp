// A stream index that was damaged on disk: no version is written twice, and the next start builds it again.
#include "support/memory_engine.hpp"
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"

#include <annals/store_view.hpp>

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sstream>

using namespace annals;
using namespace world;

namespace {

runtime with_counters(const temporary_directory& place, std::vector<std::string>* lines = nullptr) {
  auto with = memory_engine::quiet();
  if (lines) with.log_sink = [lines](log_level, std::string_view line) { lines->emplace_back(line); };
  auto rt = runtime::open(place / "store", with);
  rt->host<counter>().value();
  rt->start().value();
  return std::move(*rt);
}

result<receipt> one_more(runtime& rt, std::string_view key) { return rt.send<counter>(key, add{1}).get(); }

std::vector<annals::version> versions_of(const temporary_directory& place, std::string_view stream) {
  std::vector<annals::version> found;
  store_view::open(place / "store")
      ->log(1,
            [&](const record_view& r) {
              if (r.stream == stream) found.push_back(r.version);
              return true;
            })
      .value();
  return found;
}

/// One letter of the name in the key of the run that begins with this version, wherever it stands.
void misname_run(const temporary_directory& place, const std::string& stream, char first) {
  const auto file = place / "store" / "derived" / "data.mdb";
  std::ostringstream all;
  all << std::ifstream{file, std::ios::binary}.rdbuf();
  auto bytes = all.str();
  const auto key = stream + std::string(8, '\0') + first;
  std::size_t flipped = 0;
  for (auto at = bytes.find(key); at != std::string::npos; at = bytes.find(key, at + 1), ++flipped) bytes[at + key.size() - 10] ^= 0x10;
  BOOST_TEST(flipped > 0u);
  std::ofstream{file, std::ios::binary} << bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(damaged_index)

BOOST_AUTO_TEST_CASE(a_stream_whose_runs_are_lost_is_refused_and_goes_on_after_the_next_start) {
  for (const char lost : {'\1', '\4'}) {
    temporary_directory place;
    for (int life = 0; life < 2; ++life) {
      auto rt = with_counters(place);
      for (int n = 0; n < 3; ++n)
        for (const auto* key : {"a", "b", "c"}) one_more(rt, key).value();
    }
    misname_run(place, "counter-b", lost);
    const std::vector<annals::version> before{1, 2, 3, 4, 5, 6};
    {
      auto rt = with_counters(place);
      const auto refused = one_more(rt, "b");
      BOOST_TEST_REQUIRE(!refused.has_value());
      BOOST_TEST((refused.error().code == errc::load_failed), refused.error().message());
      for (const auto* text : {"the stream index is damaged", "at stream counter-b", "rebuilds the index"})
        BOOST_TEST(refused.error().message().find(text) != std::string::npos, refused.error().message());
      BOOST_TEST(one_more(rt, "a")->version == 7u);
    }
    BOOST_TEST(versions_of(place, "counter-b") == before, boost::test_tools::per_element());
    std::vector<std::string> lines;
    {
      auto rt = with_counters(place, &lines);
      BOOST_TEST(one_more(rt, "b")->version == 7u);
    }
    std::string said;
    for (const auto& line : lines) said += line + "\n";
    BOOST_TEST(said.find("is dropped and rebuilt") != std::string::npos, said);
    BOOST_TEST(store_view::open(place / "store")->verify().has_value());
  }
}

BOOST_AUTO_TEST_SUITE_END()
