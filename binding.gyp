{
  "targets": [
    {
      "target_name": "alfwrapper",
      "type": "none",
      "actions": [
        {
          "action_name": "cmake_js",
          "inputs": ["CMakeLists.txt"],
          "outputs": ["build/native/alf.node"],
          "action": ["node_modules/.bin/cmake-js", "compile", "-O", "build/cmake"]
        }
      ]
    }
  ]
}
