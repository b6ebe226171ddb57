// A vision service on the kit, whole but for its post-processing: what the network gives for a
// picture, as base64, and where the picture lay in its input. What `threshold` and `max_poses`
// would do is not here.
//
//   POST /v1/pose/detect   form or JSON: image, threshold, max_poses, fit
//   GET  /v1/info

#include <array>

#include "services/kit/app.hpp"
#include "services/kit/pictures.hpp"
#include "tensor/base64.hpp"

namespace {

namespace json = boost::json;
namespace kit = npu::kit;
using npu::fail;
using npu::Result;
using npu::http::Request;
using npu::http::Response;
using Answer = kit::awaitable<Result<Response>>;

constexpr std::array<std::string_view, 4> kFitNames{"stretch", "letterbox", "corner", "crop"};

struct Options {
  double threshold = 0.5;
  int max_poses = 100;
  kit::Fit fit = kit::Fit::kLetterbox;
};

npu::Status read_options(kit::Fields& fields, Options& options) {
  fields.number("threshold", options.threshold, {.min = 0, .max = 1});
  fields.number("max_poses", options.max_poses, {.min = 1, .max = 1000});
  fields.choice("fit", options.fit, kFitNames);
  return fields.status();
}

json::object described(const npu::ClientTensor& tensor) {
  std::string data(npu::base64_encoded_size(tensor.bytes().size()), '\0');
  npu::base64_encode(tensor.bytes(), data.data());
  return {{"dtype", npu::name_of(tensor.dtype())},
          {"shape", json::array(tensor.shape().begin(), tensor.shape().end())},
          {"data", data}};
}

Result<Response> answer(const npu::InferResult& result, const kit::Placement& placed,
                        const Options& options) {
  json::object outputs;
  if (const auto* layers = result.value.if_object()) {
    for (const auto& layer : *layers) {
      const auto tensor = result.tensor(layer.key());
      if (tensor) outputs[layer.key()] = described(*tensor);
    }
  }
  if (const auto only = result.tensor()) outputs = {{"output", described(*only)}};
  if (outputs.empty()) return fail(npu::ErrorCode::kInternal, "the model gave no tensors");
  return Response::json(
      {{"image_size", {{"width", placed.picture.width}, {"height", placed.picture.height}}},
       {"placed",
        {{"width", placed.resized.width},
         {"height", placed.resized.height},
         {"left", placed.left},
         {"top", placed.top}}},
       {"threshold", options.threshold},
       {"max_poses", options.max_poses},
       {"inference_time_ms", result.inference_time_ms},
       {"outputs", std::move(outputs)}});
}

}  // namespace

int main(int argc, char** argv) {
  kit::App app("pose-sample", "What a pose network sees, over HTTP.", {.port = 11440});
  kit::ModelRules model_rules{.type = "pose", .name = "yolov8s_pose"};
  kit::PictureRules picture_rules;
  Options defaults;
  kit::add_model_settings(app.settings(), model_rules);
  kit::add_picture_settings(app.settings(), picture_rules);
  app.settings().add("pose.threshold", defaults.threshold,
                     {.help = "Least confidence of a pose", .min = 0, .max = 1});
  if (const auto exit_code = app.load(argc, argv)) return *exit_code;

  kit::Model& model = app.keep(model_rules);
  kit::Pictures pictures(app.pool(), picture_rules);

  app.router().get("/v1/info", [&](Request) -> Answer {
    co_return Response::json({{"service", app.name()}, {"model", model.name()}});
  });
  app.router().post(
      "/v1/pose/detect",
      [&](Request request) -> Answer {
        Options options = defaults;
        auto upload = co_await pictures.read(
            request, [&](kit::Fields& fields) { return read_options(fields, options); });
        if (!upload) co_return fail(upload.error());
        const kit::FitOptions fit{options.fit, npu::media::Resample::kBicubic};
        const auto input = co_await pictures.fit(request, *upload, model.picture(), fit);
        if (!input) co_return fail(input.error());
        const auto output = co_await model.infer(input->tensor, request);
        if (!output) co_return fail(output.error());
        co_return co_await app.work(request,
                                    [&] { return answer(*output, input->placed, options); });
      },
      pictures.route());
  return app.run();
}
