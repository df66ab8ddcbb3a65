// Case 107: what is stored for a projection, a process manager or a subscription is found under one name each.
#include "store/log/owner_names.hpp"
#include "support/printed.hpp"
#include "support/relay.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

namespace {

template <std::size_t Which>
struct named {
  static constexpr std::string_view names[] = {"relay", "process relay", "subscription/relay"};
  static constexpr std::string_view name = names[Which];
  using follows = types<counter>;
  using queries = types<>;
  struct model {};
  static void apply(model&, const noted&, const record_view&) {}
};

}  // namespace

BOOST_AUTO_TEST_SUITE(owner_names)

BOOST_AUTO_TEST_CASE(case_107_no_projection_has_the_name_of_a_process_manager) {
  const temporary_directory place;
  auto rt = runtime::open(place / "store", memory_engine::quiet()).value();
  rt.host<counter>().value();
  rt.orchestrate<relay>().value();
  BOOST_TEST((rt.project<named<0>>().error().code == errc::bad_type));
  BOOST_TEST(rt.project<named<0>>().error().detail == "relay");
  BOOST_TEST((rt.project<named<1>>().error().code == errc::bad_type));
  BOOST_TEST((rt.project<named<2>>().error().code == errc::bad_type));
  auto other = runtime::open(place / "other", memory_engine::quiet()).value();
  other.project<named<0>>().value();
  BOOST_TEST((other.orchestrate<relay>().error().code == errc::bad_type));
}

BOOST_AUTO_TEST_CASE(case_107_stored_names_are_what_they_were) {
  BOOST_TEST(store::owner_name::of_process("relay").stored() == "process relay");
  BOOST_TEST(store::owner_name::of_subscription("mail").stored() == "subscription/mail");
  BOOST_TEST(store::owner_name::spoken("process relay") == "relay");
  BOOST_TEST(store::owner_name::spoken("relay") == "relay");
  BOOST_TEST(store::owner_name::of_projection("sums").stored() == "sums");
  BOOST_TEST(store::owner_name::of_projection("sums").checkpoint() == "projection sums");
  BOOST_TEST(store::owner_name::of_process("relay").checkpoint() == "process relay");
}

BOOST_AUTO_TEST_SUITE_END()
