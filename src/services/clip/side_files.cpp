#include "services/clip/side_files.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>

#include "services/clip/tokenizer_file.hpp"
#include "store/catalogue.hpp"
#include "store/model_dirs.hpp"
#include "store/usual_model_dirs.hpp"

namespace npu::clip {
namespace {

struct SideFile {
  std::string SideFileRules::* named;
  const char* key;  // of the configuration, and on command lines
  const char* flag;
  const char* role;  // in the catalogue
};
constexpr SideFile kTokenizer{&SideFileRules::tokenizer, "clip.tokenizer", "--tokenizer",
                              "tokenizer"};
constexpr SideFile kEmbeddings{&SideFileRules::token_embeddings, "clip.token_embeddings",
                               "--token-embeddings", "token-embeddings"};
constexpr SideFile kProjection{&SideFileRules::text_projection, "clip.text_projection",
                               "--text-projection", "text-projection"};

Result<store::OpenedFile> open_named(const std::string& path, const char* key) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    return fail(ErrorCode::kNotFound, fmt::format("{} is {}, which cannot be read", key, path));
  }
  return store::adopt_file(std::move(fd), path);
}

class Finder {
 public:
  Finder(const SideFileRules& rules, const std::string& text_model)
      : rules_(rules), text_model_(text_model), dirs_(rules.dirs) {
    std::vector<std::string> problems;  // the manager tells them
    catalogue_ = store::Catalogue::read(rules.catalogue, problems);
    const std::string name = std::filesystem::path(text_model).filename().string();
    entry_ = catalogue_.by_name(text_model);
    if (entry_ == nullptr) entry_ = catalogue_.by_file(name);
  }

  Result<store::OpenedFile> open(const SideFile& file) const {
    if (const std::string& named = rules_.*file.named; !named.empty()) {
      return open_named(named, file.key);
    }
    const store::CatalogueFile* known = nullptr;
    if (entry_ != nullptr) {
      const auto found =
          std::ranges::find(entry_->side_files, file.role, &store::CatalogueFile::role);
      if (found != entry_->side_files.end()) known = &*found;
    }
    if (known == nullptr) {
      return fail(ErrorCode::kNotFound, fmt::format("nothing tells the {} of {}: set {} ({})",
                                                    file.role, text_model_, file.key, file.flag));
    }
    auto opened = dirs_.find(known->path);
    if (opened || opened.error().code != ErrorCode::kNotFound) return opened;
    return fail(
        ErrorCode::kNotFound,
        fmt::format("the {} of {}, {}, lies in no model directory: fetch it with hailoctl "
                    "pull {}, or set {} ({})",
                    file.role, text_model_, known->path, entry_->name, file.key, file.flag));
  }

 private:
  const SideFileRules& rules_;
  const std::string& text_model_;
  store::ModelDirs dirs_;
  store::Catalogue catalogue_;
  const store::CatalogueEntry* entry_ = nullptr;
};

Result<text::ClipBpe> read_tokenizer(const Finder& finder) {
  const auto file = finder.open(kTokenizer);
  if (!file) return fail(file.error());
  const auto text = store::read_text(*file, kMaxTokenizerBytes);
  if (!text) return fail(text.error());
  if (text->size() > kMaxTokenizerBytes) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("{} must have at most {} MiB", file->path, kMaxTokenizerBytes >> 20));
  }
  return parse_tokenizer(*text);
}

Result<FloatMatrix> map_matrix(const Finder& finder, const SideFile& which) {
  const auto file = finder.open(which);
  if (!file) return fail(file.error());
  return FloatMatrix::map(*file);
}

}  // namespace

void SideFileRules::look_in_usual_places() {
  if (catalogue.empty()) catalogue = NPU_DATADIR "/catalogue";
  if (dirs.empty()) dirs = store::usual_model_dirs(NPU_DATADIR);
}

Result<TextTables> load_text_tables(const SideFileRules& rules, const std::string& text_model,
                                    const EncoderShapes& shapes) {
  const Finder finder(rules, text_model);
  auto embeddings = map_matrix(finder, kEmbeddings);
  if (!embeddings) return fail(embeddings.error());
  auto projection = map_matrix(finder, kProjection);
  if (!projection) return fail(projection.error());
  auto bpe = read_tokenizer(finder);  // last: it takes a tenth of a second
  if (!bpe) return fail(bpe.error());
  return TextTables::create(std::move(*bpe), std::move(*embeddings), std::move(*projection),
                            shapes);
}

}  // namespace npu::clip
