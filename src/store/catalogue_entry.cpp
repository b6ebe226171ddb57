#include "store/catalogue_entry.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "base/utf8.hpp"
#include "store/yaml_fields.hpp"

namespace npu::store {
namespace {

constexpr std::size_t kNameBytes = 64;
constexpr std::size_t kTextBytes = 255;
constexpr std::size_t kUrlBytes = 2048;
constexpr std::size_t kFiles = 16;
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 40;

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
                   std::optional<InputDescription::Channels>& result) {
  if (!in.has(key)) return;
  InputDescription::Channels& out = result.emplace();
  out.fill(1);
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

template <class Enum, std::size_t N>
void read_choice(YamlFields& in, const char* key, const std::array<std::string_view, N>& names,
                 std::optional<Enum>& choice) {
  const auto name = in.one_of(key, names);
  if (!name) return;
  choice = static_cast<Enum>(std::ranges::find(names, *name) - names.begin());
}

void read_number(YamlFields& in, const char* key, int min, int max, std::optional<int>& number) {
  if (!in.has(key)) return;
  number =
      static_cast<int>(in.number(key, static_cast<std::uint64_t>(min),
                                 static_cast<std::uint64_t>(max), static_cast<std::uint64_t>(min)));
}

// input: what it has before, the file does not have to say.
Status read_input(const YAML::Node& node, const std::string& key, InputDescription& input) {
  constexpr std::array<std::string_view, 3> kTypes{"uint8", "float16", "float32"};
  constexpr std::uint64_t kUsualChannels = 3;
  if (!node || node.IsNull()) return {};
  if (!node.IsMap()) return fail(ErrorCode::kMalformed, key + " must be a mapping");
  YamlFields in(node, key + ".");
  read_choice(in, "layout", kPixelLayoutNames, input.layout);
  if (const auto type = in.one_of("dtype", kTypes)) input.dtype = dtype_from_name(*type);
  read_choice(in, "colour", kPixelColourNames, input.colour);
  read_choice(in, "fit", kPictureFitNames, input.fit);
  read_number(in, "padding", 0, 255, input.padding);
  read_number(in, "width", 1, kMaxPictureSide, input.width);
  read_number(in, "height", 1, kMaxPictureSide, input.height);
  read_number(in, "step", 1, kMaxPictureSide, input.step);
  read_number(in, "max_side", 1, kMaxPictureSide, input.max_side);
  read_number(in, "channels", 1, kMaxPictureChannels, input.channels);
  const auto channels = static_cast<std::size_t>(input.channels.value_or(kUsualChannels));
  read_channels(in, "mean", channels, input.mean);
  read_channels(in, "std", channels, input.std);
  return in.status();
}

// Of an entry or a file. What it has before, it does not have to say.
template <class Labelled>
Status read_labels(YamlFields& in, Labelled& of) {
  const YAML::Node node = in.child("labels");
  if (!node || node.IsNull()) return in.status();
  of.labels.clear();
  of.label_names.clear();
  if (!node.IsSequence()) {
    of.labels = in.text("labels", kTextBytes);
    if (!of.labels.empty() && !is_below(of.labels)) {
      in.wrong("labels", fmt::format("a set's or file's name, got {}", of.labels));
    }
    return in.status();
  }
  for (std::size_t i = 0; i < node.size(); ++i) {
    const bool usable = i < kMaxLabels && node[i].IsScalar() && !node[i].Scalar().empty() &&
                        node[i].Scalar().size() <= kMaxLabelBytes &&
                        valid_utf8(node[i].Scalar()) == node[i].Scalar();
    if (!usable) {
      in.wrong("labels", fmt::format("at most {} names of 1..{} bytes; number {} is none",
                                     kMaxLabels, kMaxLabelBytes, i));
      break;
    }
    of.label_names.push_back(node[i].Scalar());
  }
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
  what.role = name_of(in, "role");
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
  if (auto done = read_labels(in, what); !done) return fail(done.error());
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

enum class Kind { kCatalogue, kBeside };

Result<CatalogueEntry> read_entry(const YAML::Node& root, Kind kind) {
  const bool catalogue = kind == Kind::kCatalogue;
  if (!root.IsMap()) {
    return fail(ErrorCode::kMalformed,
                fmt::format("a {} must be a mapping", catalogue ? "catalogue file" : "model.yaml"));
  }
  YamlFields in(root, "");
  CatalogueEntry entry;
  entry.name = name_of(in, "name");
  entry.family = name_of(in, "family");
  entry.licence = in.text("licence", kTextBytes);
  entry.source = address_of(in, "source");
  entry.head = name_of(in, "head");
  if (auto done = read_labels(in, entry); !done) return fail(done.error());
  if (catalogue && entry.name.empty()) return fail(ErrorCode::kMalformed, "name is missing");
  if (catalogue && entry.family.empty()) return fail(ErrorCode::kMalformed, "family is missing");
  if (auto done = read_input(root["input"], "input", entry.input); !done) {
    return fail(done.error());
  }
  if (catalogue || in.has("files")) {
    CatalogueFile of_entry;
    of_entry.licence = entry.licence;
    of_entry.head = entry.head;
    of_entry.labels = entry.labels;
    of_entry.label_names = entry.label_names;
    of_entry.input = entry.input;
    if (auto done = read_files(root["files"], of_entry, entry); !done) return fail(done.error());
  }
  if (auto done = read_side_files(root["side_files"], entry); !done) return fail(done.error());
  return entry;
}

Result<CatalogueEntry> parse(const std::string& yaml, Kind kind) {
  if (yaml.size() > kMaxCatalogueBytes) {
    return fail(ErrorCode::kMalformed,
                fmt::format("a {} has at most {} bytes, this one {}",
                            kind == Kind::kCatalogue ? "catalogue file" : "model.yaml",
                            kMaxCatalogueBytes, yaml.size()));
  }
  try {
    return read_entry(YAML::Load(yaml), kind);
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::kMalformed, error.what());
  }
}

}  // namespace

Result<CatalogueEntry> parse_catalogue_entry(const std::string& yaml) {
  return parse(yaml, Kind::kCatalogue);
}

Result<CatalogueEntry> parse_model_yaml(const std::string& yaml) {
  return parse(yaml, Kind::kBeside);
}

}  // namespace npu::store
