"""check.py COMPILER FLAGS…: how many symbols a command and its event bring to a program that hosts their aggregate.

The time that these take to compile cannot be asserted where other programs run; how many of them there are can, and the time
follows it. Prints the user time, too, as a ratio to that of the standard headers alone.
"""
import pathlib
import resource
import subprocess
import sys
import tempfile

# A command and its event, and their places in std::variant: 147 with g++ 12, 119 with clang 14.
SYMBOLS_OF_A_PAIR_MAX = 200
FIELDS = [("std::optional<std::string>", "note"), ("std::vector<std::string>", "tags"), ("bool", "urgent"), ("double", "rate")]
STANDARD = "algorithm chrono cstdint filesystem functional map memory optional set span string tuple variant vector".split()


def message(name, last_type, last):
    fields = [("std::string", "who"), ("std::int64_t", "amount"), ("std::uint32_t", "count"), (last_type, last)]
    members = "".join(f"  {kind} {field}{{}};\n" for kind, field in fields)
    about = ", ".join(f'annals::field("{field}", &{name}::{field})' for _, field in fields)
    return f'struct {name} {{\n{members}  static constexpr auto about = annals::describe("{name}", 1, {about});\n}};\n'


def program(pairs):
    numbers = range(pairs)
    last = [FIELDS[i % len(FIELDS)] for i in numbers]
    messages = "".join(message(f"{kind}_{i}", *last[i]) for i in numbers for kind in ("command", "event"))
    overloads = "".join(
        f"""  static annals::decision<thing> decide(const state&, const command_{i}& c, const annals::context&) {{
    return event_{i}{{c.who, c.amount, c.count, c.{last[i][1]}}};
  }}
  static void evolve(state& s, const event_{i}& e) {{ s.total += e.amount; }}
""" for i in numbers)
    return f"""#include <annals/runtime.hpp>
{messages}
struct thing {{
  static constexpr std::string_view category = "thing";
  using commands = annals::types<{", ".join(f"command_{i}" for i in numbers)}>;
  using events = annals::types<{", ".join(f"event_{i}" for i in numbers)}>;
  struct state {{
    std::int64_t total = 0;
    static constexpr auto about = annals::describe("state", 1, annals::field("total", &state::total));
  }};
{overloads}}};
annals::pending<annals::receipt> host_and_send(annals::runtime& in) {{
  (void)in.host<thing>();
  return in.send<thing>("one", command_0{{}});
}}
"""


def compiled(command, folder, name, text):
    """User seconds, and how many symbols came of it."""
    source = folder / f"{name}.cpp"
    source.write_text(text)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run([*command, "-c", source, "-o", folder / f"{name}.o"], check=True, timeout=600)
    took = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    symbols = subprocess.run(["nm", "--defined-only", folder / f"{name}.o"], check=True, capture_output=True, text=True, timeout=60)
    return took, len(symbols.stdout.splitlines())


def main():
    command = sys.argv[1:]
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        standard, _ = compiled(command, folder, "standard", "".join(f"#include <{header}>\n" for header in STANDARD))
        few_took, few = compiled(command, folder, "few", program(3))
        many_took, many = compiled(command, folder, "many", program(10))
    of_a_pair = (many - few) / 7
    print(f"{of_a_pair:.0f} symbols for a command and its event; user time, standard headers alone = 1: "
          f"3 + 3 messages {few_took / standard:.1f}, 10 + 10 messages {many_took / standard:.1f}")
    if of_a_pair > SYMBOLS_OF_A_PAIR_MAX:
        print(f"at most {SYMBOLS_OF_A_PAIR_MAX} are allowed: something is instantiated for each message that need not be")
        return 1
    return 0


sys.exit(main())
