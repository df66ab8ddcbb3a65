// What must not be stored, since it would come back as something else: as misuses.cpp, with the same driver. (case 75) A member that
// is not described, (case 76) a type whose values do not all come back.
#include <annals/codec.hpp>

#include <chrono>
#include <variant>

using annals::field;

struct tag_of_nothing {};
struct deposit {
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe("deposit", 1, field{"cents", &deposit::cents});
};

#define ENCODE(name) \
  }                  \
  ;                  \
  void use_##name(std::string& bytes, const name& of) { bytes = annals::encoded(of); }

struct forgotten {
  std::int64_t cents = 0;
  std::string currency;
  static constexpr auto about = annals::describe("forgotten", 1, field{"cents", &forgotten::cents});
ENCODE(forgotten)  // says: a member of this struct is not described, so it would not be stored
struct forgotten_by_member {
  std::int64_t cents = 0;
  std::string currency;
  static constexpr auto about = annals::describe<&forgotten_by_member::cents>("forgotten", 1);
ENCODE(forgotten_by_member)  // says: a member of this struct is not described, so it would not be stored
struct twice_by_member {
  std::int64_t cents = 0;
  std::int64_t fee = 0;
  static constexpr auto about = annals::describe<&twice_by_member::cents>("twice", 1, field{"fee", &twice_by_member::cents});
ENCODE(twice_by_member)  // says: two fields of this struct describe the same member
struct forgotten_beside_an_array {
  char text[4] = {};
  std::string currency;
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe("forgotten", 1, field{"cents", &forgotten_beside_an_array::cents},
                                                 annals::not_stored{&forgotten_beside_an_array::text});
ENCODE(forgotten_beside_an_array)  // says: a member of this struct is not described, so it would not be stored
struct described_twice {
  std::int64_t cents = 0;
  std::int64_t fee = 0;
  static constexpr auto about = annals::describe("described_twice", 1, field{"cents", &described_twice::cents},
                                                 field{"fee", &described_twice::cents});
ENCODE(described_twice)  // says: two fields of this struct describe the same member
struct stored_and_not {
  std::int64_t cents = 0;
  std::int64_t fee = 0;
  static constexpr auto about = annals::describe("stored_and_not", 1, field{"cents", &stored_and_not::cents},
                                                 annals::not_stored{&stored_and_not::cents});
ENCODE(stored_and_not)  // says: a member of this struct is not described, so it would not be stored
struct inherited : deposit {
ENCODE(inherited)  // says: `about` describes another struct: it is inherited or copied; this one needs its own
struct copied {
  std::int64_t cents = 0;
  static constexpr auto about = deposit::about;
ENCODE(copied)  // says: `about` describes another struct: it is inherited or copied; this one needs its own
struct with_a_base : deposit {
  std::string currency;
  static constexpr auto about = annals::describe("with_a_base", 1, field{"currency", &with_a_base::currency});
ENCODE(with_a_base)  // says: a member of this struct is not described, so it would not be stored
struct with_a_constructor {
  explicit with_a_constructor(std::int64_t c) : cents(c) {}
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe("with_a_constructor", 1, field{"cents", &with_a_constructor::cents});
ENCODE(with_a_constructor)  // says: the members of this struct cannot be counted
struct all_said : tag_of_nothing {
  std::int64_t cents = 0;
  char cache[4] = {};
  std::optional<deposit> inner;
  static constexpr auto about = annals::describe("all_said", 1, field{"cents", &all_said::cents}, field{"inner", &all_said::inner},
                                                 annals::not_stored{&all_said::cache});
ENCODE(all_said)
struct said_to_be_uncounted : deposit {
  std::string currency;
  static constexpr auto about = annals::describe("said_to_be_uncounted", 1, field{"currency", &said_to_be_uncounted::currency},
                                                 field{"cents", &deposit::cents}, annals::uncounted{});
ENCODE(said_to_be_uncounted)

#define FIELD(name, type)                                                                   \
  struct name {                                                                             \
    type value{};                                                                           \
    static constexpr auto about = annals::describe(#name, 1, field{"value", &name::value});
FIELD(of_long_double, long double)
ENCODE(of_long_double)  // says: a long double cannot be stored exactly
FIELD(of_wide_integer, __int128)
ENCODE(of_wide_integer)  // says: cannot be stored
FIELD(of_optional_optional, std::optional<std::optional<int>>)
ENCODE(of_optional_optional)  // says: an optional of an optional cannot be stored
FIELD(of_optional_optional_in_a_list, std::vector<std::optional<std::optional<bool>>>)
ENCODE(of_optional_optional_in_a_list)  // says: an optional of an optional cannot be stored
FIELD(of_optional_encoded_value, std::optional<annals::encoded_value>)
ENCODE(of_optional_encoded_value)  // says: an optional encoded_value cannot be stored
FIELD(of_variant, std::variant<std::monostate>)
ENCODE(of_variant)  // says: a field of this type cannot be stored
FIELD(of_duration, std::chrono::seconds)
ENCODE(of_duration)  // says: a field of this type cannot be stored
using map_by_number = std::map<double, int>;
FIELD(of_map_by_number, map_by_number)
ENCODE(of_map_by_number)  // says: a field of this type cannot be stored
FIELD(of_wide_text, std::wstring)
ENCODE(of_wide_text)  // says: a field of this type cannot be stored
FIELD(of_text_view, std::string_view)
ENCODE(of_text_view)  // says: a field of this type cannot be stored
