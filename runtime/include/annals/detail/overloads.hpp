// Whether a host's type says something under a name, and what could be meant by it: for overloads that are left out where a
// type does not want them. One with another signature than the wanted one would be left out as well, without a word.
#pragma once

#include <type_traits>

namespace annals::detail {

struct effect_of_another_base {
  void effect();
};
/// A name that both bases have means neither of them.
template <class T>
struct with_another_effect : T, effect_of_another_base {};

/// T has members of this name, with whatever signatures. Nothing can be derived of a final type: then as if it had none.
template <class T>
constexpr bool names_effect() {
  if constexpr (std::is_final_v<T>)
    return false;
  else
    return !requires { &with_another_effect<T>::effect; };
}

/// An argument that becomes a T, a reference to one or a copy, and nothing else: neither a base class of T, nor what a T can be
/// converted to.
template <class T>
struct only {
  template <class U>
    requires std::is_same_v<U, T>
  operator const U&() const;
  template <class U>
    requires std::is_same_v<U, T>
  operator U&();
};

}  // namespace annals::detail
