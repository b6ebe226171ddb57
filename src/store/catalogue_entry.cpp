#include "store/catalogue_entry.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "store/yaml_fields.hpp"

namespace npu::store {
namespace {

constexpr std::size_t kNameBytes = 64;
constexpr std::size_t kTextBytes = 255;
constexpr std::size_t kUrlBytes = 2048;
constexpr std::size_t kFiles = 16;
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 40;
constexpr std::uint64_t kMaxSide = 16384;

// Of names, families, device kinds and heads: they become file names, words of a command line.
bool is_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= kNameBytes && is_letter(text.front()) &&
         std::ranges::all_of(
             text, [&](char c) { return is_letter(c) || c == '.' || c == '_' || c == '-'; });
}

// Whether each part of the path goes down, into nothing hidden.
bool is_below(std::string_view path) {
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (end == begin || path[begin] == '.') return false;
    begin = end + 1;
  }
  return true;
}

bool is_address(std::string_view url) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (url.starts_with(scheme)) {
      const std::string_view rest = url.substr(scheme.size());
      return !rest.empty() && rest.front() != '/' && rest.find(' ') == std::string_view::npos;
    }
  }
  return false;
}

bool is_release(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.back() != '.' &&
         std::ranges::all_of(text, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

std::string name_of(YamlFields& in, const char* key, std::string otherwise = {}) {
  std::string text = in.text(key, kNameBytes, std::move(otherwise));
  if (!text.empty() && !is_name(text)) {
    in.wrong(key, fmt::format("lower-case letters, digits and . _ -, got {}", text));
  }
  return text;
}

std::string address_of(YamlFields& in, const char* key) {
  std::string text = in.text(key, kUrlBytes);
  if (!text.empty() && !is_address(text)) {
    in.wrong(key, fmt::format("an address that begins with https:// or http://, got {}", text));
  }
  return text;
}

std::string checksum_of(YamlFields& in, const char* key) {
  std::string text = in.text(key, 64);
  const bool digits = std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (!text.empty() && (text.size() != 64 || !digits)) {
    in.wrong(key, fmt::format("64 lower-case hexadecimal digits, got {}", text));
  }
  return text;
}

// One number for all channels, or a list of one each.
void read_channels(YamlFields& in, const char* key, std::size_t channels,
                   std::array<double, 4>& out) {
  if (!in.has(key)) return;
  const YAML::Node node = in.child(key);
  const auto fits = [&](double value) {
    return value >= -1e6 && value <= 1e6 && (value > 0 || std::string_view(key) != "std");
  };
  double value = 0;
  if (node.IsScalar() && YAML::convert<double>::decode(node, value) && fits(value)) {
    out.fill(value);
    return;
  }
  bool right = node.IsSequence() && node.size() == channels;
  for (std::size_t i = 0; right && i < channels; ++i) {
    right = node[i].IsScalar() && YAML::convert<double>::decode(node[i], value) && fits(value);
    if (right) out.at(i) = value;
  }
  if (!right) {
    in.wrong(key, fmt::format("a number or a list of {}{}", channels,
                              std::string_view(key) == "std" ? ", each above 0" : ""));
  }
}

Status read_input(const YAML::Node& node, const std::string& key, CatalogueInput& input) {
  if (!node || node.IsNull()) return {};
  if (!node.IsMap()) return fail(ErrorCode::kMalformed, key + " must be a mapping");
  YamlFields in(node, key + ".");
  input.layout = in.one_of("layout", {"nhwc", "nchw"}, input.layout);
  input.dtype = in.one_of("dtype", {"uint8", "float16", "float32"}, input.dtype);
  input.colour = in.one_of("colour", {"rgb", "bgr", "grey"}, input.colour);
  input.fit = in.one_of("fit", {"letterbox", "corner", "stretch"}, input.fit);
  const auto side = [&](const char* name, int otherwise) {
    return static_cast<int>(in.number(name, 1, kMaxSide, static_cast<std::uint64_t>(otherwise)));
  };
  input.padding =
      static_cast<int>(in.number("padding", 0, 255, static_cast<std::uint64_t>(input.padding)));
  input.width = side("width", input.width);
  input.height = side("height", input.height);
  input.channels =
      static_cast<int>(in.number("channels", 1, 4, static_cast<std::uint64_t>(input.channels)));
  const auto channels = static_cast<std::size_t>(input.channels);
  read_channels(in, "mean", channels, input.mean);
  read_channels(in, "std", channels, input.std);
  return in.status();
}

// what: it has of the entry until the file states its own.
Result<CatalogueFile> read_file(const YAML::Node& node, const std::string& key,
                                CatalogueFile what) {
  YamlFields in(node, key + ".");
  if (!node.IsMap() || !in.has("path")) {
    return fail(ErrorCode::kMalformed, fmt::format("{} must have a path", key));
  }
  what.path = in.text("path", kTextBytes);
  if (in.status() && !is_below(what.path)) {
    in.wrong("path", fmt::format("a name below a model directory, got {}", what.path));
  }
  what.size = in.number("size", 1, kMaxFileBytes, 0);
  what.sha256 = checksum_of(in, "sha256");
  what.url = address_of(in, "url");
  what.package = name_of(in, "package");
  what.licence = in.text("licence", kTextBytes, what.licence);
  what.hailort = in.text("hailort", kNameBytes);
  if (!what.hailort.empty() && !is_release(what.hailort)) {
    in.wrong("hailort", fmt::format("a release such as 5.2.0, got {}", what.hailort));
  }
  what.head = name_of(in, "head", what.head);
  what.tried = in.flag("tried", false);
  if (!in.status()) return fail(in.status().error());
  if (auto input = read_input(node["input"], key + ".input", what.input); !input) {
    return fail(input.error());
  }
  return what;
}

Status read_side_files(const YAML::Node& list, CatalogueEntry& entry) {
  if (!list || list.IsNull()) return {};
  if (!list.IsSequence() || list.size() > kFiles) {
    return fail(ErrorCode::kMalformed,
                fmt::format("side_files must be a list of at most {}", kFiles));
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    CatalogueFile of_entry;
    of_entry.licence = entry.licence;
    auto file = read_file(list[i], fmt::format("side_files.{}", i), std::move(of_entry));
    if (!file) return fail(file.error());
    entry.side_files.push_back(std::move(*file));
  }
  return {};
}

Status read_files(const YAML::Node& files, const CatalogueFile& of_entry, CatalogueEntry& entry) {
  if (!files || !files.IsMap() || files.size() > kFiles) {
    return fail(ErrorCode::kMalformed, files && files.IsMap()
                                           ? fmt::format("files must be at most {}", kFiles)
                                           : std::string("files must be a mapping"));
  }
  for (const auto& item : files) {
    const std::string device = item.first.IsScalar() ? item.first.Scalar() : std::string();
    if (!is_name(device)) {
      return fail(ErrorCode::kMalformed,
                  "the keys of files must be device kinds such as hailo10h and onnx");
    }
    auto file = read_file(item.second, "files." + device, of_entry);
    if (!file) return fail(file.error());
    if (!entry.files.emplace(device, std::move(*file)).second) {
      return fail(ErrorCode::kMalformed, fmt::format("files.{} is there twice", device));
    }
  }
  return {};
}

Result<CatalogueEntry> read_entry(const YAML::Node& root) {
  if (!root.IsMap()) return fail(ErrorCode::kMalformed, "a catalogue file must be a mapping");
  YamlFields in(root, "");
  CatalogueEntry entry;
  entry.name = name_of(in, "name");
  entry.family = name_of(in, "family");
  entry.licence = in.text("licence", kTextBytes);
  entry.source = address_of(in, "source");
  entry.labels = in.text("labels", kTextBytes);
  if (!entry.labels.empty() && !is_below(entry.labels)) {
    in.wrong("labels", fmt::format("a set's or file's name, got {}", entry.labels));
  }
  CatalogueFile of_entry;
  of_entry.licence = entry.licence;
  of_entry.head = name_of(in, "head");
  if (!in.status()) return fail(in.status().error());
  if (entry.name.empty()) return fail(ErrorCode::kMalformed, "name is missing");
  if (entry.family.empty()) return fail(ErrorCode::kMalformed, "family is missing");
  if (auto done = read_input(root["input"], "input", of_entry.input); !done) {
    return fail(done.error());
  }
  if (auto done = read_files(root["files"], of_entry, entry); !done) return fail(done.error());
  if (auto done = read_side_files(root["side_files"], entry); !done) return fail(done.error());
  return entry;
}

}  // namespace

Result<CatalogueEntry> parse_catalogue_entry(const std::string& yaml) {
  if (yaml.size() > kMaxCatalogueBytes) {
    return fail(ErrorCode::kMalformed,
                fmt::format("a catalogue file has at most {} bytes, this one {}",
                            kMaxCatalogueBytes, yaml.size()));
  }
  try {
    return read_entry(YAML::Load(yaml));
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::kMalformed, error.what());
  }
}

}  // namespace npu::store
