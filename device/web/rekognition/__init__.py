"""Amazon Rekognition's calls, answered at home: AWS JSON 1.1, signed with the device's own access keys."""
