#include <filesystem>

#include "cli/commands.hpp"
#include "wire/frame.hpp"

namespace npu::cli {

void ModelArguments::add_to(CLI::App& command) {
  command.add_option("model", path, "Model file, as the manager sees it")->required();
  command
      .add_option("--type,-t", type, "Model type: depth, pose, clip, ocr, whisper, vlm, vlm_chat")
      ->capture_default_str();
  command.add_option("--params", params, "model_params, a JSON object");
}

Result<ModelRef> ModelArguments::resolve() const {
  ModelRef model{.path = path, .type = type};
  std::error_code failed;
  const auto absolute = std::filesystem::absolute(path, failed);
  if (!failed) model.path = absolute.lexically_normal();
  if (params.empty()) return model;
  auto value = wire::parse_json(params);
  if (!value || !value->is_object()) {
    return fail(ErrorCode::kInvalidArgument,
                "--params must be a JSON object, for example '{\"k\": 1}'");
  }
  model.params = std::move(value->get_object());
  return model;
}

}  // namespace npu::cli
