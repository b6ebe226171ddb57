// A service of several models on the kit: each is loaded when it is asked for, two are kept.
//
//   POST /v1/run?model=NAME&top=N   form or JSON with a picture; the first N values of the output

#include <algorithm>

#include "services/kit/app.hpp"
#include "services/kit/pictures.hpp"

namespace {

namespace json = boost::json;
namespace kit = npu::kit;
using npu::fail;
using npu::Result;
using npu::http::Request;
using npu::http::Response;
using Answer = kit::awaitable<Result<Response>>;

Result<Response> answer(const std::string& model, const npu::InferResult& result, std::size_t top) {
  const auto output = kit::first_tensor(result);
  if (!output) return fail(output.error());
  const auto values = output->as<float>();
  const auto first = values.first(std::min(top, values.size()));
  return Response::json({{"model", model}, {"values", json::array(first.begin(), first.end())}});
}

}  // namespace

int main(int argc, char** argv) {
  kit::App app("models-sample", "Several networks over HTTP.", {.port = 11441});
  kit::ModelSetRules model_rules;
  for (const char* name : {"alpha", "beta", "gamma"}) {
    model_rules.models.push_back({.type = "depth", .name = name});
  }
  kit::PictureRules picture_rules;
  kit::add_model_set_settings(app.settings(), model_rules);
  kit::add_picture_settings(app.settings(), picture_rules);
  if (const auto exit_code = app.load(argc, argv)) return *exit_code;

  kit::ModelSet& models = app.models(model_rules);
  kit::Pictures pictures(app.pool(), picture_rules);

  app.set_health([&] {
    const auto loaded = models.loaded();
    return json::object{{"status", "ok"}, {"loaded", json::array(loaded.begin(), loaded.end())}};
  });
  app.router().post(
      "/v1/run",
      [&](Request request) -> Answer {
        std::string name = "alpha";
        std::size_t top = 5;
        kit::Fields query(request.query);
        query.text("model", name);
        query.number("top", top, {.min = 1, .max = 100});
        if (const auto right = query.status(); !right) co_return fail(right.error());
        auto upload = co_await pictures.read(request);
        if (!upload) co_return fail(upload.error());
        const auto model = co_await models.use(name);
        if (!model) co_return fail(model.error());
        const auto input = co_await pictures.fit(request, *upload, (*model)->picture());
        if (!input) co_return fail(input.error());
        const auto output = co_await (*model)->infer(input->tensor, request);
        if (!output) co_return fail(output.error());
        co_return answer(name, *output, top);
      },
      pictures.route());
  return app.run();
}
