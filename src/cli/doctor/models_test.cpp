#include "cli/doctor/doctor_test_support.hpp"
#include "fakes/hailort/fake_hef.hpp"

namespace npu::cli {
namespace {

class DoctorModels : public MadeUp {
 protected:
  void file(const std::string& name, std::string_view content) const {
    const std::filesystem::path path = std::filesystem::path(machine_.model_dirs[0]) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }
  inline static const std::string kGood = fakes::hef(" abc");
};

TEST_F(DoctorModels, A_directory_that_is_not_there_is_a_warning) {
  EXPECT_EQ(find(check_models(machine_), "model.dir").level, Level::kWarning);
}

TEST_F(DoctorModels, Files_are_counted_and_their_headers_read) {
  file("a.hef", kGood);
  file("sub/b.hef", kGood);
  file("c.onnx", "\x08");
  auto findings = check_models(machine_);
  EXPECT_EQ(findings.size(), 1U);
  EXPECT_NE(find(findings, "model.dir").what.find("3 files, 2 of them HEF"), std::string::npos);

  file("sub/page.hef", "<!DOCTYPE html>");
  file("sub/half.hef", kGood.substr(0, kGood.size() - 1));
  findings = check_models(machine_);
  EXPECT_EQ(find(findings, "model", "page.hef: no HEF file").level, Level::kError);
  EXPECT_EQ(find(findings, "model", "half.hef: no complete HEF file").level, Level::kError);
  EXPECT_TRUE(advises(findings));
}

TEST_F(DoctorModels, A_link_that_leads_nowhere_is_an_error) {
  file("a.hef", kGood);
  std::filesystem::create_symlink("/nonexistent/model",
                                  std::filesystem::path(machine_.model_dirs[0]) / "b.hef");
  EXPECT_EQ(find(check_models(machine_), "model", "leads nowhere").level, Level::kError);
}

TEST_F(DoctorModels, The_service_must_be_able_to_read_them) {
  file("a.hef", kGood);
  ::chmod((machine_.model_dirs[0] + "/a.hef").c_str(), 0600);
  write("/etc/passwd", "hailo-manager:x:65000:65000::/:/bin/false\n");
  const auto finding = find(check_models(machine_), "model", "may not read");
  EXPECT_EQ(finding.level, Level::kError);
  EXPECT_NE(finding.advice.find("chmod a+r"), std::string::npos);
}

TEST_F(DoctorModels, The_way_to_them_must_be_open_for_the_service) {
  file("a.hef", kGood);
  write("/etc/passwd", "hailo-manager:x:65000:65000::/:/bin/false\n");
  ::chmod(machine_.model_dirs[0].c_str(), 0700);
  const auto finding = find(check_models(machine_), "model.dir", "may not enter");
  EXPECT_EQ(finding.level, Level::kError);
  EXPECT_TRUE(finding.advice.starts_with("sudo chmod a+x "));
}

TEST_F(DoctorModels, A_folder_that_a_service_keeps_to_itself_is_right_as_it_is) {
  write("/etc/passwd", "hailo-manager:x:65000:65000::/:/bin/false\n");
  const std::string folder = machine_.model_dirs[0];
  std::filesystem::create_directories(folder);
  ::chmod(std::filesystem::path(folder).parent_path().c_str(), 0755);  // only the last is closed
  ::chmod(folder.c_str(), 0700);
  machine_.model_dirs[0] = folder.substr(0, folder.size() - 1) + "*";
  const auto findings = check_models(machine_);
  EXPECT_EQ(find(findings, "model.dir", "for its service alone").level, Level::kGood);
  EXPECT_EQ(findings.size(), 1U);
  std::ofstream(folder + "/a.hef", std::ios::binary) << kGood;
  const auto lost = find(check_models(machine_), "model.dir", "1 HEF files are in it");
  EXPECT_EQ(lost.level, Level::kWarning);
  EXPECT_NE(lost.advice.find("/var/lib/hailo/models/"), std::string::npos);
}

TEST_F(DoctorModels, A_file_for_another_chip_is_told) {
  file("a.hef", kGood);
  healthy();
  std::string made_for = R"(["HAILO10H", "HAILO15H"])";
  machine_.inspect = [&](const std::string&) {
    return ProbeAnswer(boost::json::object{{"architectures", boost::json::parse(made_for)}});
  };
  EXPECT_FALSE(has(check_models(machine_), "model.chip"));
  made_for = R"(["HAILO8"])";
  const auto finding = find(check_models(machine_), "model.chip", "HAILO8");
  EXPECT_EQ(finding.level, Level::kWarning);
  EXPECT_NE(finding.what.find("the chip is a HAILO10H"), std::string::npos);
  scan(R"({"devices": []})");
  EXPECT_FALSE(has(check_models(machine_), "model.chip"));
}

TEST_F(DoctorModels, A_pattern_names_the_folders_that_there_are) {
  const std::string parent = machine_.model_dirs[0];
  file("one/a.hef", kGood);
  file("two/b.hef", kGood);
  machine_.model_dirs = {parent + "/*", parent + "/none-*"};
  EXPECT_EQ(std::ranges::count(check_models(machine_), "model.dir", &Finding::check), 2);
}

TEST_F(DoctorModels, A_link_to_itself_is_no_folder) {
  const std::string parent = machine_.model_dirs[0];
  file("one/a.hef", kGood);
  std::filesystem::create_symlink("loop", parent + "/loop");
  machine_.model_dirs = {parent + "/*"};
  EXPECT_EQ(std::ranges::count(check_models(machine_), "model.dir", &Finding::check), 1);
}

}  // namespace
}  // namespace npu::cli
