#include "base/settings.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <type_traits>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include "base/ascii.hpp"
#include "base/settings_text.hpp"
#include "base/version.hpp"

namespace npu {
namespace {

constexpr int kUsageExit = 2;

Status wrong(const std::string& key, const std::string& expected, const std::string& got) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} must be {}, got {}", key, expected, got.empty() ? "nothing" : got));
}

Status assign(Setting& option, bool& target, const std::string& text) {
  const std::string word = to_lower(trim(text));
  for (const char* yes : {"true", "1", "yes", "on"}) {
    if (word == yes) return target = true, Status{};
  }
  for (const char* no : {"false", "0", "no", "off"}) {
    if (word == no) return target = false, Status{};
  }
  return wrong(option.key, "true or false", text);
}

// Whether all of the text is a number; whole ones also as 0x1f.
template <class Number>
bool parse_number(std::string_view text, Number& value) {
  const char* end = text.data() + text.size();
  std::from_chars_result parsed{};
  if (std::is_integral_v<Number> && (text.starts_with("0x") || text.starts_with("0X"))) {
    if constexpr (std::is_integral_v<Number>) {
      parsed = std::from_chars(text.data() + 2, end, value, 16);
    }
  } else {
    parsed = std::from_chars(text.data(), end, value);
  }
  return parsed.ec == std::errc{} && parsed.ptr == end;
}

template <class Number>
Status assign_number(Setting& option, Number& target, const std::string& text,
                     std::string_view kind) {
  Number value{};
  const bool good = parse_number(trim(text), value) &&
                    static_cast<double>(value) >= option.how.min &&
                    static_cast<double>(value) <= option.how.max;
  if (!good) return wrong(option.key, range_text(option.how, kind), text);
  target = value;
  return {};
}

Status assign(Setting& option, int& target, const std::string& text) {
  return assign_number(option, target, text, "a whole number");
}
Status assign(Setting& option, std::uint64_t& target, const std::string& text) {
  return assign_number(option, target, text, "a non-negative whole number");
}
Status assign(Setting& option, double& target, const std::string& text) {
  return assign_number(option, target, text, "a number");
}

Status assign(Setting& option, std::string& target, const std::string& text) {
  const auto& choices = option.how.choices;
  if (!choices.empty() && std::find(choices.begin(), choices.end(), text) == choices.end()) {
    return wrong(option.key, fmt::format("one of {}", fmt::join(choices, ", ")), text);
  }
  target = text;
  return {};
}

Status assign(Setting&, std::vector<std::string>& target, const std::string& text) {
  target.clear();
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    if (end > begin) target.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return {};
}

Status assign_text(Setting& option, const std::string& text) {
  if (option.how.check) {
    if (auto good = option.how.check(text); !good) {
      return fail(good.error().code, option.key + ": " + good.error().message);
    }
  }
  return std::visit([&](auto* target) { return assign(option, *target, text); }, option.target);
}

Status assign_node(Setting& option, const YAML::Node& node) {
  if (node.IsNull()) return {};
  if (auto* const* list = std::get_if<std::vector<std::string>*>(&option.target)) {
    if (!node.IsSequence()) return wrong(option.key, "a list", "a single value");
    (*list)->clear();
    for (const auto& item : node) {
      if (!item.IsScalar()) return wrong(option.key, "a list of texts", "something nested");
      (*list)->push_back(item.Scalar());
    }
    return {};
  }
  if (!node.IsScalar()) return wrong(option.key, "a single value", "a list or a section");
  return assign_text(option, node.Scalar());
}

void came(Setting& option, const char* from, const std::string& where) {
  option.from = from;
  option.where = where;
}

// Whether any text is a value.
bool takes_any_text(const Setting& option) {
  if (option.how.check || !option.how.choices.empty()) return false;
  return std::holds_alternative<std::string*>(option.target) ||
         std::holds_alternative<std::vector<std::string>*>(option.target);
}

}  // namespace

class Settings::Impl {
 public:
  Impl(std::string program, std::string description)
      : program_(std::move(program)), description_(std::move(description)) {}

  std::optional<int> load(int argc, const char* const* argv) {
    CLI::App app(description_, program_);
    bool print = false;
    bool begin = false;
    bool check = false;
    bool describe = false;
    std::string file;
    app.set_version_flag("--version", program_ + " " + version());
    app.add_option("--config", file, config_help())->type_name("FILE");
    app.add_flag("--print-config", print, "Print the resulting configuration as YAML and exit");
    app.add_flag("--sample-config", begin,
                 "Print a file with every key, its meaning and its default, and exit");
    app.add_flag("--describe-config", describe,
                 "Print value, origin and meaning of every key as YAML for programs, and exit");
    app.add_flag("--check-config", check, "Check the configuration, print what is wrong, and exit");
    for (Setting& option : options_) add_flag(app, option);
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app.exit(error) == 0 ? 0 : kUsageExit;
    }
    if (begin) {
      std::cout << sample_head() << sample(options_);
      return 0;
    }
    for (Setting& option : options_) option.unset = shown(option.target);
    const Status status = apply(file);
    for (const std::string& warning : warnings_) std::cerr << program_ << ": " << warning << "\n";
    if (!status) {
      std::cerr << program_ << ": " << status.error().message << "\n";
      return 1;
    }
    if (check) return warnings_.empty() ? 0 : 1;
    if (print) {
      std::cout << printed(options_);
      return 0;
    }
    if (describe) {
      std::cout << described(options_);
      return 0;
    }
    return std::nullopt;
  }

  std::string program_;
  std::string description_;
  std::vector<std::string> files_;
  std::string file_env_;
  std::vector<Setting> options_;
  std::vector<std::pair<std::string, std::string>> ignored_;

 private:
  std::string config_help() const {
    std::string text = "Configuration file";
    if (!files_.empty()) text += fmt::format(" [{}]", files_.front());
    if (!file_env_.empty()) text += fmt::format(" (env {})", file_env_);
    return text;
  }

  std::string sample_head() const {
    std::string text =
        fmt::format("# {}: {}\n", program_, description_.substr(0, description_.find('\n')));
    text += "# Every key with its default. A key counts once the # before it is gone.\n";
    return text;
  }

  static void add_flag(CLI::App& app, Setting& option) {
    if (option.how.flag.empty()) return;
    std::string help = option.how.help + fmt::format(" (file: {}", option.key);
    if (!option.how.env.empty()) help += ", env: " + option.how.env;
    help += ")";
    option.flag = app.add_option(option.how.flag, option.flag_text, help);
    if (std::holds_alternative<bool*>(option.target))
      option.flag->expected(0, 1)->default_str("true");
  }

  Status apply(const std::string& named_file) {
    if (auto read = apply_file(named_file); !read) return read;
    for (Setting& option : options_) apply_variable(option);
    for (Setting& option : options_) {
      if (option.flag == nullptr || option.flag->count() == 0) continue;
      if (auto set = assign_text(option, option.flag_text); !set) {
        return fail(set.error().code, fmt::format("{}: {}", option.how.flag, set.error().message));
      }
      came(option, "flag", option.how.flag);
    }
    return {};
  }

  // Environments are inherited and put together by scripts, so one bad variable does not keep a
  // program from starting.
  void apply_variable(Setting& option) {
    const char* text = option.how.env.empty() ? nullptr : std::getenv(option.how.env.c_str());
    if (text == nullptr) return;
    if (*text == '\0' && takes_any_text(option) && !option.how.empty_counts) return;
    if (auto set = assign_text(option, text); !set) {
      warnings_.push_back(fmt::format("{} is ignored: {}; it stays {}", option.how.env,
                                      set.error().message, shown(option.target)));
      return;
    }
    came(option, "environment", option.how.env);
  }

  Status apply_file(const std::string& named_file) {
    std::string path = named_file;
    if (path.empty() && !file_env_.empty()) {
      if (const char* from_env = std::getenv(file_env_.c_str())) path = from_env;
    }
    const bool must_exist = !path.empty();
    for (std::size_t i = 0; path.empty() && i < files_.size(); ++i) {
      std::error_code ignored;
      if (std::filesystem::exists(files_[i], ignored)) path = files_[i];
    }
    if (path.empty()) return {};
    try {
      const YAML::Node root = YAML::LoadFile(path);
      if (root.IsNull()) return {};
      if (!root.IsMap())
        return fail(ErrorCode::kInvalidArgument, path + ": must be a mapping of keys");
      return apply_section(path, root, "");
    } catch (const YAML::BadFile&) {
      if (!must_exist && !std::filesystem::exists(path)) return {};
      return fail(ErrorCode::kNotFound, path + ": cannot be read");
    } catch (const YAML::Exception& error) {
      return fail(ErrorCode::kMalformed, fmt::format("{}: {}", path, error.what()));
    }
  }

  Status apply_section(const std::string& path, const YAML::Node& section,
                       const std::string& prefix) {
    for (const auto& item : section) {
      if (!item.first.IsScalar())
        return fail(ErrorCode::kInvalidArgument, path + ": keys must be texts");
      const std::string key = prefix + item.first.Scalar();
      if (Setting* option = find(key)) {
        if (auto set = assign_node(*option, item.second); !set) {
          return fail(set.error().code, fmt::format("{}: {}", path, set.error().message));
        }
        if (!item.second.IsNull()) came(*option, "file", path);
      } else if (const std::string* why = ignored_reason(key)) {
        warnings_.push_back(fmt::format("{}: {} has no effect: {}", path, key, *why));
      } else if ((item.second.IsMap() || item.second.IsNull()) && is_section(key)) {
        if (auto done = apply_section(path, item.second, key + "."); !done) return done;
      } else {
        warnings_.push_back(fmt::format("{}: unknown key {}", path, key));
      }
    }
    return {};
  }

  Setting* find(const std::string& key) {
    for (Setting& option : options_) {
      if (option.key == key) return &option;
    }
    return nullptr;
  }

  const std::string* ignored_reason(const std::string& key) const {
    for (const auto& [name, why] : ignored_) {
      if (name == key) return &why;
    }
    return nullptr;
  }

  bool is_section(const std::string& key) const {
    const std::string prefix = key + ".";
    for (const Setting& option : options_) {
      if (option.key.starts_with(prefix)) return true;
    }
    for (const auto& [name, why] : ignored_) {
      if (name.starts_with(prefix)) return true;
    }
    return false;
  }

  std::vector<std::string> warnings_;
};

Settings::Settings(std::string program, std::string description)
    : impl_(std::make_unique<Impl>(std::move(program), std::move(description))) {}

Settings::~Settings() = default;

void Settings::config_file(std::vector<std::string> default_paths, std::string env) {
  impl_->files_ = std::move(default_paths);
  impl_->file_env_ = std::move(env);
}

const std::string& Settings::program() const { return impl_->program_; }

std::string Settings::variable(std::string_view name) const {
  std::string out = impl_->program_ + "_";
  out += name;
  std::ranges::transform(out, out.begin(), [](char c) {
    if (c == '-') return '_';
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return out;
}

void Settings::add_target(std::string key, Target target, SettingOptions options) {
  const auto section = [](std::string_view of) { return of.substr(0, of.rfind('.') + 1); };
  auto& all = impl_->options_;
  const auto last = std::find_if(all.rbegin(), all.rend(), [&](const auto& other) {
    return section(other.key) == section(key);
  });
  const auto at = last == all.rend() ? all.end() : last.base();
  all.insert(at, Setting{std::move(key), target, std::move(options), {}, nullptr});
}

void Settings::ignore(std::string key, std::string why) {
  impl_->ignored_.emplace_back(std::move(key), std::move(why));
}

std::optional<int> Settings::load(int argc, const char* const* argv) {
  return impl_->load(argc, argv);
}

}  // namespace npu
