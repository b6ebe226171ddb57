// Functions that every template has.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "text/jinja/builtins.hpp"
#include "text/jinja/error.hpp"

namespace npu::text::jinja {
namespace {

class NamespaceFunction final : public Callable {
 public:
  Value call(Run& run, const Arguments& arguments) const override {
    Namespace* made = run.make_namespace();
    for (const Value& given : arguments.positional) {
      if (given.dict() == nullptr) throw TemplateError("namespace takes names and values");
      made->members = *given.dict();
    }
    for (const auto& [name, value] : arguments.named) made->members.set(name, value);
    return made;
  }
};

class DictFunction final : public Callable {
 public:
  Value call(Run&, const Arguments& arguments) const override {
    Dict dict;
    for (const Value& given : arguments.positional) {
      if (given.dict() == nullptr) throw TemplateError("dict takes names and values");
      dict = *given.dict();
    }
    for (const auto& [name, value] : arguments.named) dict.set(name, value);
    return dict;
  }
};

class RangeFunction final : public Callable {
 public:
  Value call(Run& run, const Arguments& arguments) const override {
    constexpr std::int64_t kMost = 100'000;  // as Jinja's sandbox has it
    const std::size_t given = arguments.positional.size();
    if (given == 0) throw TemplateError("range needs a number");
    const std::int64_t begin = given > 1 ? arguments.whole(0, "start", 0) : 0;
    const std::int64_t end = arguments.whole(given > 1 ? 1 : 0, "stop", 0);
    const std::int64_t step = arguments.whole(2, "step", 1);
    if (step == 0) throw TemplateError("the step of a range must not be 0");
    List numbers;
    for (std::int64_t at = begin; step > 0 ? at < end : at > end;) {
      if (std::cmp_greater_equal(numbers.size(), kMost)) {
        throw TemplateError(fmt::format("a range of more than {} numbers", kMost));
      }
      numbers.emplace_back(at);
      if (__builtin_add_overflow(at, step, &at)) break;
    }
    run.spend_on(numbers.size());
    return numbers;
  }
};

class RaiseFunction final : public Callable {
 public:
  Value call(Run&, const Arguments& arguments) const override {
    throw TemplateError(arguments.text(0, "message", "the template refuses the conversation"));
  }
};

// The day that the rendering was told, whatever format is wanted of the ones that templates want.
class DateFunction final : public Callable {
 public:
  Value call(Run& run, const Arguments& arguments) const override {
    const std::string wanted = arguments.text(0, "format", "%d %b %Y");
    std::string written;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i] != '%' || i + 1 == wanted.size()) {
        written += wanted[i];
      } else {
        written += part_of(run.today(), wanted[++i]);
      }
    }
    return written;
  }

 private:
  static constexpr std::array<std::string_view, 12> kMonths{
      "January", "February", "March",     "April",   "May",      "June",
      "July",    "August",   "September", "October", "November", "December"};

  // date: 2026-12-01
  static std::string part_of(std::string_view date, char what) {
    constexpr std::size_t kSize = 10;
    if (date.size() != kSize) return {};
    const auto month = static_cast<std::size_t>((date[5] - '0') * 10 + date[6] - '0');
    const std::string_view name = month >= 1 && month <= kMonths.size() ? kMonths[month - 1] : "";
    switch (what) {
      case 'Y': return std::string(date.substr(0, 4));
      case 'm': return std::string(date.substr(5, 2));
      case 'd': return std::string(date.substr(8, 2));
      case 'y': return std::string(date.substr(2, 2));
      case 'B': return std::string(name);
      case 'b': return std::string(name.substr(0, 3));
      case 'F': return std::string(date);
      case '%': return "%";
      default: throw TemplateError(fmt::format("strftime_now: %{} is not known here", what));
    }
  }
};

}  // namespace

const Callable* find_function(std::string_view name) {
  static const NamespaceFunction kNamespace;
  static const DictFunction kDict;
  static const RangeFunction kRange;
  static const RaiseFunction kRaise;
  static const DateFunction kDate;
  const std::array<std::pair<std::string_view, const Callable*>, 5> all{
      {{"namespace", &kNamespace},
       {"dict", &kDict},
       {"range", &kRange},
       {"raise_exception", &kRaise},
       {"strftime_now", &kDate}}};
  return find_named(all, name);
}

}  // namespace npu::text::jinja
