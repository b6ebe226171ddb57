#include "store/description_of.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "description/label_list.hpp"

namespace npu::store {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 3> kLabelSets{"coco80", "coco90", "coco-person"};

std::string name_in(const std::string& path) { return fs::path(path).filename().string(); }

// The file of the entry that has this name, rather that for this device.
const CatalogueFile* file_of(const CatalogueEntry& entry, const std::string& name,
                             std::string_view device) {
  const auto ours = entry.files.find(device);
  if (ours != entry.files.end() && name_in(ours->second.path) == name) return &ours->second;
  for (const auto& [kind, file] : entry.files) {
    if (name_in(file.path) == name) return &file;
  }
  return nullptr;
}

// labels_in: the folder that a file of labels lies in; "": the model directories.
Result<ModelDescription> description_in(const CatalogueEntry& entry, const CatalogueFile* file,
                                        const std::string& labels_in, const ReadText& read) {
  ModelDescription description;
  description.family = entry.family;
  description.head = file != nullptr ? file->head : entry.head;
  description.input = file != nullptr ? file->input : entry.input;
  description.labels = file != nullptr ? file->label_names : entry.label_names;
  const std::string& labels_said = file != nullptr ? file->labels : entry.labels;
  if (labels_said.empty()) return description;
  if (std::ranges::find(kLabelSets, labels_said) != kLabelSets.end()) {
    description.label_set = labels_said;
    return description;
  }
  const std::string path = labels_in.empty() ? labels_said : labels_in + "/" + labels_said;
  const auto text = read(path, kMaxLabelFileBytes);
  if (!text && text.error().code == ErrorCode::kNotFound) {
    return fail(ErrorCode::kNotFound, fmt::format("the list of labels {} is not there", path));
  }
  if (!text) return fail(text.error());
  auto labels = parse_labels(*text);
  if (!labels)
    return fail(labels.error().code, fmt::format("{}: {}", path, labels.error().message));
  description.labels = std::move(*labels);
  return description;
}

// Nothing where there is no such yaml, or it is about other files.
Result<std::optional<Described>> described_by(const std::string& yaml, const std::string& model,
                                              std::string_view device, const ReadText& read) {
  const auto text = read(yaml, kMaxCatalogueBytes);
  if (!text && text.error().code == ErrorCode::kNotFound) return std::nullopt;
  if (!text) return fail(text.error());
  const auto entry = parse_model_yaml(*text);
  if (!entry) {
    return fail(entry.error().code, fmt::format("{}: {}", yaml, entry.error().message));
  }
  const CatalogueFile* file = file_of(*entry, name_in(model), device);
  if (file == nullptr && !entry->files.empty()) return std::nullopt;
  auto description = description_in(*entry, file, fs::path(yaml).parent_path().string(), read);
  if (!description) return fail(description.error());
  return Described{std::move(*description), yaml};
}

}  // namespace

Result<Described> description_of(const std::string& path, const Catalogue& catalogue,
                                 std::string_view device, const ReadText& read) {
  const fs::path model(path);
  if (model.is_absolute()) {
    for (const fs::path& yaml :
         {fs::path(model).replace_extension(".yaml"), model.parent_path() / "model.yaml"}) {
      auto described = described_by(yaml.string(), path, device, read);
      if (!described) return fail(described.error());
      if (*described) return std::move(**described);
    }
  }
  const std::string name = name_in(path);
  const CatalogueEntry* entry = catalogue.by_file(name);
  if (entry == nullptr) return Described{};
  auto description = description_in(*entry, file_of(*entry, name, device), "", read);
  if (!description) return fail(description.error());
  return Described{std::move(*description), fmt::format("the catalogue's entry {}", entry->name)};
}

Result<std::vector<std::string>> parse_labels(std::string_view text) {
  auto labels = label_list(text);
  const auto short_enough = [](const std::string& label) { return label.size() <= kMaxLabelBytes; };
  if (labels && labels->size() <= kMaxLabels && std::ranges::all_of(*labels, short_enough)) {
    return std::move(*labels);
  }
  return fail(ErrorCode::kMalformed,
              fmt::format("no list of labels: UTF-8, one name a line, none empty or over {} bytes, "
                          "at most {} of them and 1 MiB",
                          kMaxLabelBytes, kMaxLabels));
}

}  // namespace npu::store
