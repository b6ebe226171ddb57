#include "cli/migrate/old_config.hpp"

#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/migrate/journal.hpp"
#include "cli/services/service_table.hpp"

namespace npu::cli::migrate {
namespace {

constexpr std::size_t kMostConfigBytes = std::size_t{64} << 10;

class Reader {
 public:
  Reader(const Tree& tree, const OldService& service) : tree_(tree), service_(service) {}

  OldConfig read() {
    const std::string reads(service_.reads);
    const std::string ours = config_file_of(service_.name);
    const bool rendered = reads != ours && service_.name != kManager;
    auto keys = keys_of_file(reads);
    auto made_of = rendered ? keys_of_file(ours) : std::nullopt;
    if (keys && made_of) note_what_was_not_rendered(*keys, *made_of, ours);
    if (keys) {
      config_.source = reads;
    } else if (made_of) {
      config_.source = ours;
      keys = std::move(made_of);
    } else {
      config_.notes.emplace_back("no configuration to take over: the defaults are used");
    }
    if (keys) config_.keys = std::move(*keys);
    return std::move(config_);
  }

 private:
  // Nothing, with a note, where it cannot be read; nothing alone where it is not there.
  std::optional<std::vector<OldKey>> keys_of_file(const std::string& path) {
    // Where apt asked which file to take, and was told the new one, the old one has that ending.
    std::string at = path;
    for (const std::string& before : {path + ".dpkg-old", kept_path(path)}) {
      if (!tree_.look(before).is_absent()) at = before;
    }
    if (tree_.look(at).is_absent()) return std::nullopt;
    const auto text = tree_.read(at, kMostConfigBytes);
    auto keys = !text                    ? Result<std::vector<OldKey>>(fail(text.error()))
                : path.ends_with(".env") ? parse_old_environment(*text)
                                         : parse_old_yaml(*text);
    if (keys) return std::move(*keys);
    config_.notes.push_back(fmt::format("{} cannot be used: {}", path, keys.error().message));
    return std::nullopt;
  }

  // Somebody has changed the one, and not run the installer, which makes the other of it.
  void note_what_was_not_rendered(const std::vector<OldKey>& ran_with,
                                  const std::vector<OldKey>& made_of, const std::string& path) {
    std::vector<std::string> names;
    for (const OldKey& key : made_of) {
      const OldKey* other = find_key(ran_with, key.name);
      if (other != nullptr && other->values != key.values) names.push_back(key.name);
    }
    if (names.empty()) return;
    config_.notes.push_back(
        fmt::format("{} was changed, and the service ran without it: {}. What it ran with is taken "
                    "over",
                    path, fmt::join(names, ", ")));
  }

  const Tree& tree_;
  const OldService& service_;
  OldConfig config_;
};

}  // namespace

OldConfig read_old_config(const Tree& tree, const OldService& service) {
  return Reader(tree, service).read();
}

}  // namespace npu::cli::migrate
