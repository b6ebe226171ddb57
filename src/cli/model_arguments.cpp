#include <filesystem>
#include <utility>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "json/parse.hpp"

namespace npu::cli {
namespace {

Result<boost::json::object> parse_params(const std::string& text) {
  auto value = npu::json::parse(text);
  if (value && value->is_object()) return std::move(value->get_object());
  return fail(ErrorCode::kInvalidArgument, "must be a JSON object, for example '{\"k\": 1}'");
}

}  // namespace

void ModelArguments::add_to(CLI::App& command) {
  command
      .add_option("model", path, "Model file, as the manager sees it, or a name of the catalogue")
      ->required();
  command
      .add_option(
          "--type,-t", type,
          "Model type: depth, detect, pose, segment, face, clip, embed, ocr, whisper, llm, vlm, "
          "vlm_chat")
      ->capture_default_str();
  command.add_option("--params", params, "model_params, a JSON object")
      ->check(readable_by(parse_params));
}

ModelRef ModelArguments::resolve() const {
  ModelRef model{.path = path, .type = type};
  std::error_code failed;
  const bool file = std::filesystem::is_regular_file(path, failed);
  if (file || path.find('/') != std::string::npos) model.path = absolute_path(path);
  if (!params.empty()) model.params = *parse_params(params);
  return model;
}

}  // namespace npu::cli
