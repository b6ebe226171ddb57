#include <filesystem>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/status_text.hpp"
#include "wire/frame.hpp"

namespace npu::cli {

int print_reply(const Context& context, const Result<boost::json::object>& reply,
                const ModelRef& model) {
  if (!reply) return context.report(reply.error());
  if (context.json) {
    print_json(*reply);
  } else {
    fmt::print("{}: {}\n", text_at(*reply, "message"), model.path);
  }
  return kOk;
}

void ModelArguments::add_to(CLI::App& command) {
  command
      .add_option("model", path, "Model file, as the manager sees it, or a name of the catalogue")
      ->required();
  command
      .add_option("--type,-t", type, "Model type: depth, pose, clip, ocr, whisper, vlm, vlm_chat")
      ->capture_default_str();
  command.add_option("--params", params, "model_params, a JSON object");
}

Result<ModelRef> ModelArguments::resolve() const {
  ModelRef model{.path = path, .type = type};
  std::error_code failed;
  const bool name = path.find('/') == std::string::npos && !std::filesystem::exists(path, failed);
  const auto absolute = std::filesystem::absolute(path, failed);
  if (!failed && !name) model.path = absolute.lexically_normal();
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
